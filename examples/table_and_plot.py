# ruff: noqa: B018
"""A table of the faces in a folder and a chart of their labels, in notebook cells.

Jupyter, VS Code and Spyder run the ``# %%`` cells one by one; as a program it takes a folder and
the chart's file: python table_and_plot.py holiday/ labels.png
"""

# %%
import sys

import matplotlib.pyplot as plt

import fer_live

folder, chart = sys.argv[1:3]

# %% One row per face, one column per class
with fer_live.Analyzer() as analyzer:
    table = analyzer.predict_many(folder).to_pandas()
    labels = list(analyzer.labels)
table

# %% How often each label occurs, and how sure the model is
faces = table.dropna(subset=["label"])
summary = faces.groupby("label")["confidence"].agg(["count", "mean"]).reindex(labels)
print(summary.fillna(0).round(2).to_string())

# %% The mean probability of each class
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
faces[labels].mean().plot.bar(ax=axes, ylabel="mean probability", rot=0)
figure.savefig(chart)
