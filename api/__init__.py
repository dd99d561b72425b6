"""The command line, HTTP and the officer's pages. Contains no ranking or legal logic."""
