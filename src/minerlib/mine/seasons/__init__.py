"""What hours and weekdays are like."""
