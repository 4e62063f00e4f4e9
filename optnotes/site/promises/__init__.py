"""What every build is held to: sound files, homes of formulas, addresses that stay."""
