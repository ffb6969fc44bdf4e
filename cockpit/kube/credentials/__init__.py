"""How a user shows who he is: plugins, OIDC, the account of a pod; and how one logs in again."""
