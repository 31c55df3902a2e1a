"""E-mail: the score in the mail, sent by SMTP or by a mail service."""
