"""What every report is written with: columns, excerpts of a source, colours and the shapes of JSON."""
