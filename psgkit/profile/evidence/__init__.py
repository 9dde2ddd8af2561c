"""Evidence on RLS, RAS, RBS and akathisia: items with source and grade, and the rule of leaning."""
