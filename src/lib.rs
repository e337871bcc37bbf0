//! panka deploys an AWS application from YAML in Git.
