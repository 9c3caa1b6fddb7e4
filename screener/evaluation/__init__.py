"""What a model's scores are worth: calibration, operating points, figures with intervals, plots."""
