"""Mail: letters handed to a mail server, and the invitation that one may carry."""
