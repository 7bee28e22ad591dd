"""CrowdSec's own test cases, read as events, and its scenarios, written as rules."""
