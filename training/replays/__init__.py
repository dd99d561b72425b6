"""Ask past lots again, to evaluate bundles on their awards."""
