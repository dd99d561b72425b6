"""What public bodies pay: the spending files that they publish, and who the payees are."""
