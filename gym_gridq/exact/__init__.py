"""What is known of a world without sampling it: values, optima, grades, each from its `Dynamics` alone."""
