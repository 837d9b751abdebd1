import Activations
import Universality

/// `dynamics.csv`: one row a layer and state of its training.
struct DynamicsCSV {
  let dynamics: Dynamics
  let models: [ModelRecord]

  var table: CSV {
    var csv = CSV([
      "metric", "model", "layer", "depth", "is_output", "state", "step", "to_final", "to_others",
    ])
    for curve in dynamics.curves {
      for point in curve.points {
        csv.append([
          dynamics.metric, models[curve.model].name, curve.layer, curve.depth.exact,
          String(curve.isOutput), models[point.model].name, point.step.field, point.toFinal.exact,
          point.toOthers.field,
        ])
      }
    }
    return csv
  }
}
