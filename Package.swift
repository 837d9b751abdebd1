// swift-tools-version: 6.1
import PackageDescription

/// Every target keeps what it imports to itself unless it says `public import`,
/// so that no C type can leak through a module's interface.
let settings: [SwiftSetting] = [.enableUpcomingFeature("InternalImportsByDefault")]

let package = Package(
  name: "Universality",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "universality", targets: ["UniversalityCommand"]),
    .library(
      name: "Universality", targets: ["Universality", "Zoo", "Store", "Activations", "Reports"]),
    .library(name: "Metrics", targets: ["Metrics", "LinearAlgebra"]),
    .library(name: "MetricLaws", targets: ["MetricLaws"]),
    .library(name: "HDF5", targets: ["HDF5"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    // System libraries: a module map and a shim of static-inline functions each.
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5",
      providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate",
      providers: [.apt(["libdeflate-dev"]), .brew(["libdeflate"])]),
    .systemLibrary(
      name: "CZstd", pkgConfig: "libzstd",
      providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),

    .systemLibrary(name: "CIsolation"),

    // The way of the data, from the dump to the page.
    .target(name: "LinearAlgebra", dependencies: ["COpenBLAS"], swiftSettings: settings),
    .target(
      name: "HDF5", dependencies: ["CHDF5", "CDeflate", "CZstd", "CIsolation"],
      swiftSettings: settings),
    .target(
      name: "Activations",
      dependencies: [
        "HDF5", "LinearAlgebra", "COpenSSL",
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),
    .target(name: "Metrics", dependencies: ["LinearAlgebra"], swiftSettings: settings),
    .target(
      name: "MetricLaws", dependencies: ["Metrics", "LinearAlgebra"], swiftSettings: settings),
    .target(
      name: "Store",
      dependencies: ["COpenSSL", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: settings),
    .target(
      name: "Zoo", dependencies: ["Activations", "Metrics", "LinearAlgebra", "Store"],
      swiftSettings: settings),
    .target(
      name: "Universality",
      dependencies: ["Zoo", "Activations", "Metrics", "LinearAlgebra"], swiftSettings: settings),
    .target(
      name: "Reports",
      dependencies: [
        "Universality", "Zoo", "Activations", "HDF5",
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "UniversalityCommand",
      dependencies: [
        "Reports", "Universality", "Zoo", "Store", "Metrics", "Activations", "HDF5",
        "LinearAlgebra",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),

    .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra"]),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ActivationsTests", dependencies: ["Activations", "HDF5", "LinearAlgebra"],
      resources: [.copy("Fixtures")]),
    .testTarget(name: "MetricsTests", dependencies: ["Metrics", "MetricLaws", "LinearAlgebra"]),
    .testTarget(
      name: "StoreTests",
      dependencies: ["Store", .product(name: "GRDB", package: "GRDB.swift")]),
    .testTarget(
      name: "ZooTests",
      dependencies: ["Zoo", "Store", "Activations", "Metrics", "LinearAlgebra", "HDF5"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "UniversalityTests",
      dependencies: ["Universality", "Zoo", "Activations", "Metrics", "LinearAlgebra"]),
    .testTarget(
      name: "ReportsTests", dependencies: ["Reports", "Universality", "Zoo", "Activations", "HDF5"]),
    .testTarget(
      name: "CommandTests", dependencies: ["UniversalityCommand", "Reports", "HDF5"]),
  ],
  swiftLanguageModes: [.v6]
)
