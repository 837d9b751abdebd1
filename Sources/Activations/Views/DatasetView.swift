import HDF5

/// A dataset that no file holds as such, but that follows from datasets that files do hold: samples
/// that were written one by one, rows in several pieces, quantised or sparse numbers.
///
/// Views have a path like any dataset, so that nothing above ``ViewReader`` tells them apart. They
/// are built from outlines and short lists; the numbers are read when they are asked for.
struct DatasetView: Sendable, Equatable {
  /// A dataset that a view reads.
  struct Source: Sendable, Hashable {
    var file: String
    var dataset: String
    var shape: [Int]
    /// Whether the dataset as stored is meant, although a view of the same path may hide it.
    var isStored = true

    var count: Int { shape.reduce(1, *) }
    /// The elements of one entry of the first axis.
    var rowSize: Int { shape.dropFirst().reduce(1, *) }
  }

  /// How the numbers come about. Axis 0 of the result is always one that can be read in parts.
  enum Recipe: Sendable, Equatable {
    /// Strings that are known already.
    case words([String])
    /// Numbers that are known already.
    case numbers([Double])
    /// The numbers of a dataset under another shape or path.
    case same(Source)
    /// Bit patterns that stand for numbers of a small format.
    case decoded(Source, SmallFloat)
    /// Quantised numbers.
    case scaled(Source, Scaling)
    /// Datasets joined along axis 0.
    case pieces([Source])
    /// Some entries of axis 0, in this order.
    case rows(Source, [Int])
    /// Some entries of axis 1, in this order.
    case columns(Source, [Int])
    /// Matrices side by side, their columns then brought into this order.
    case sideBySide([Source], order: [Int])
    /// One dataset a sample.
    case samples([Source])
    /// One dataset a sample, the positions of each reduced.
    case reducedSamples([Source], masks: [Source]?, SampleReduction)
    /// Each sample some consecutive rows of a dataset, which are its positions.
    case segments(Source, [Range<Int>], Pooling)
    /// Samples of which a mask says which positions count.
    case masked(Source, mask: Source, MaskedAxes)
    /// A sparse matrix in compressed rows or columns.
    case sparse(SparseMatrix)
    /// For each sample the values and feature numbers of what is not zero.
    case sparseSamples([SparseSample])
    /// Rows of varying length, each an array of samples' axes in C order.
    case variableLength(Source, SampleReduction)
  }

  var recipe: Recipe
  var shape: [Int]
}

/// Affine quantisation: value = (stored − zero) · scale + offset, per dataset or per feature.
struct Scaling: Sendable, Equatable {
  var scale: [Double]
  var zero: [Double]
  var offset: [Double]
  /// The axis along which parameters of more than one entry run.
  var axis: Int
  /// The stored number that stands for "missing".
  var fill: Double?
}

/// What is done with the axes of one sample.
struct SampleReduction: Sendable, Equatable {
  /// The meaning of the axes of one sample, without `n`.
  var letters: [Character]
  /// For samples stored as flat lists the lengths of the axes; 0 for the one that follows.
  var lengths: [Int] = []
  var pooling: Pooling
  /// The axis of the sample that a mask runs along.
  var maskedAxis: Int?
}

/// The axes of a dataset with a mask.
struct MaskedAxes: Sendable, Equatable {
  /// The meaning of the axes of the dataset, with one `n` and at most one `l` before it.
  var letters: [Character]
  /// The axis that the second axis of the mask (samples × positions) runs along.
  var positions: Int
  var pooling: Pooling
}

/// A sparse matrix in compressed form.
struct SparseMatrix: Sendable, Equatable {
  var values: DatasetView.Source
  var indices: DatasetView.Source
  /// Where each row (or column) begins, and the end of the last.
  var starts: [Int]
  var rows: Int
  var columns: Int
  /// Whether columns instead of rows are compressed.
  var isByColumn: Bool
}

/// One sample as a list of values with their feature numbers.
struct SparseSample: Sendable, Equatable {
  var values: DatasetView.Source
  var indices: DatasetView.Source
}

/// The views of a run: by file, then by path inside it.
typealias ViewTable = [String: [String: DatasetView]]
