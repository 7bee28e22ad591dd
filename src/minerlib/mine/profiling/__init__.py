"""What a profile looks at: fields, their values, and when they are told."""
