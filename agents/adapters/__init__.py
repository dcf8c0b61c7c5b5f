"""Our agents in others' formats: bsuite's experiments, Minari's data sets. Import the module you need."""
