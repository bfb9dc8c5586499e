"""People and their accounts: sign-in, sessions, roles with scopes, claims."""
