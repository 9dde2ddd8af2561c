"""Evidence that bears on RLS, RAS, RBS and akathisia; never a diagnosis."""
