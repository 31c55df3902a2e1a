"""Scores over time: the trend and its band, and charts that notice a drift."""

from promontory.measurement.series.control import Chart, cusum, ewma
from promontory.measurement.series.trend import Period, Trend, TrendPoint, trend

__all__ = ["Chart", "Period", "Trend", "TrendPoint", "cusum", "ewma", "trend"]
