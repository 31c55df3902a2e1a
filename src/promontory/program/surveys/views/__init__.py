"""The pages of surveys, wording and the journey map."""
