/// A file of results to be written: named dimensions, variables over them, attributes.
///
/// The layout is that of netCDF-4 (HDF5 with dimension scales): `xarray.open_dataset` and h5py read
/// it alike. A variable that has the name of its only dimension is a coordinate.
public struct ResultFile: Sendable {
  /// A named dimension and its length.
  public struct Dimension: Sendable, Equatable {
    public var name: String
    public var length: Int

    public init(_ name: String, length: Int) {
      self.name = name
      self.length = length
    }
  }

  /// A named array over some of the dimensions.
  public struct Variable: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
      /// Missing values are NaN.
      case real([Double])
      case integer([Int])
      case text([String])
    }

    public var name: String
    /// The names of the dimensions, slowest first; empty for a scalar.
    public var dimensions: [String]
    public var values: Values
    public var attributes: [String: AttributeValue]

    public init(
      _ name: String, over dimensions: [String], _ values: Values,
      attributes: [String: AttributeValue] = [:]
    ) {
      self.name = name
      self.dimensions = dimensions
      self.values = values
      self.attributes = attributes
    }
  }

  public var dimensions: [Dimension]
  public var variables: [Variable]
  public var attributes: [String: AttributeValue]

  public init(
    dimensions: [Dimension] = [], variables: [Variable] = [],
    attributes: [String: AttributeValue] = [:]
  ) {
    self.dimensions = dimensions
    self.variables = variables
    self.attributes = attributes
  }
}
