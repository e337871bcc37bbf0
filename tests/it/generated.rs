#[test]
fn x() { let mut c = panka::cli::command(); c.build(); for n in ["schema","lock"] { let s=c.find_subcommand_mut(n).unwrap(); println!("{}", s.render_long_help()); } println!("{}", c.render_long_help()); }
