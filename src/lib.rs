//! panka deploys an AWS application from YAML in Git.
//!
//! The data's path, which is also the order of the modules; a module may use those above it, never one below:
//!
//! ```text
//! YAML files ─parse─▶ Manifest ─graph─▶ Graph ─diff─▶ Plan ─apply─▶ Run
//!                                               ▲                 │
//!                                             State ◀── journal ──┘        lock: held by apply, state verbs, destroy
//! ```
//!
//! [`manifest::Manifest`] · [`graph::Graph`] · [`plan::Plan`] · [`apply::Run`] · [`state::State`] · [`lock::LockRecord`]

pub mod exit;

pub mod address;
pub mod clock;
pub mod diagnostic;
pub mod document;
pub mod schema;

pub mod resource;

pub mod catalog;

pub mod manifest;

pub mod components;

pub mod graph;
pub mod state;

pub mod plan;

pub mod lock;

pub mod apply;

pub mod answers;

pub mod output;

pub mod context;

pub mod config;

pub mod commands;

pub mod cli;
