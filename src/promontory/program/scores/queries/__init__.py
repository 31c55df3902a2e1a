"""What can be asked about scores; whatever a door may ask takes the viewer."""
