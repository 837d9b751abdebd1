import Activations
import LinearAlgebra

extension Representation {
  /// The values in double precision; in tests they are always in memory.
  var numbers: Matrix {
    get { (try? values.matrix()) ?? Matrix(rows: 0, columns: 0) }
    set { values = StoredMatrix(newValue) }
  }
}
