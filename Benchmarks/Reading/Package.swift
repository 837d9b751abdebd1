// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "Reading",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Universality", path: "../..")],
  targets: [
    .executableTarget(
      name: "Reading", dependencies: [.product(name: "HDF5", package: "Universality")],
      path: "Sources")
  ],
  swiftLanguageModes: [.v6]
)
