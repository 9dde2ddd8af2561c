"""Tests with a protocol of their own, which are no night: who did what when, and what was found."""
