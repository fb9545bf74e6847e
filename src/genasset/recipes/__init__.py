"""What made a picture: prompts, workflows and the other parameters kept with it."""
