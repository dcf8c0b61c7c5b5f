"""The commands of ``gridq``, one module each, with a function ``run(arguments) -> exit code``."""
