"""Sleep and wake estimated from activity counts or arm angle, one module a method."""
