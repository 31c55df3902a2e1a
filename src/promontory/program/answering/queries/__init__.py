"""What a respondent's page has to know."""
