"""Who is behind an account: joins with their basis, and role chains to who started them."""
