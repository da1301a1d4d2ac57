"""The stories, one module each: `tell(world)` adds what happened and what is expected of it."""
