"""Ways to a customer and back, behind one contract: e-mail, SMS, phone, web, in-app."""
