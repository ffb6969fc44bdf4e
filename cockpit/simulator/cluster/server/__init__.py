"""The API server: requests read, answered and watched, in the forms that clients ask for."""
