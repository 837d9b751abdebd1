import Foundation
import Testing
import Universality

@testable import Reports

struct TableTests {
  private func pairs(_ content: ReportContent) throws -> String {
    var text = ""
    try PairsCSV(content: content).write { text += $0 }
    return text
  }

  @Test func pairsHaveOneRowPerUnorderedPair() throws {
    #expect(
      try pairs(SmallZoo.content()) == """
        metric,model_a,layer_a,model_b,layer_b,n,value,reason
        cka,"cnn, small","conv""1""\","cnn, small",fc,40,0.10000000000000001,
        cka,"cnn, small","conv""1""\",mlp,h,40,0.33333333333333331,
        cka,"cnn, small",fc,mlp,h,40,,"constant, all of it"

        """)
  }

  @Test func pairsOfAnAsymmetricMetricHaveBothOrders() throws {
    let lines = try pairs(SmallZoo.content(symmetric: false, modelName: "m", layerName: "=cmd()"))
      .split(separator: "\n")
    #expect(lines.count == 7)
    #expect(lines[2] == "cka,m,=cmd(),mlp,h,40,0.33333333333333331,")
    #expect(lines[5] == "cka,mlp,h,m,=cmd(),40,-0.25,")
    #expect(lines[6] == "cka,mlp,h,m,fc,40,,\"constant, all of it\"")
  }

  private func calibrated() -> ReportContent {
    var content = SmallZoo.content(modelName: "m", layerName: "=cmd()")
    var calibration = CalibrationMatrix(metric: "cka", count: 3)
    calibration[1, 0] = PairCalibration(
      nullMean: 0.125, nullDeviation: 0.25, nullSkewness: 0.5, threshold: 0.375, pValue: 0.0625,
      qValue: 0.5, calibrated: 0)
    calibration[0, 2] = PairCalibration(
      nullMean: 1, nullDeviation: 0, nullSkewness: nil, threshold: 1, pValue: 1, qValue: 1,
      calibrated: 0)
    content.calibrations = [calibration]
    return content
  }

  @Test func calibrationsHaveOneRowPerPairWithAValue() throws {
    var text = ""
    try CalibrationCSV(content: calibrated()).write { text += $0 }
    #expect(
      text == """
        metric,model_a,layer_a,model_b,layer_b,n,value,null_mean,null_sd,null_skewness,p_value,\
        q_value,calibrated
        cka,m,=cmd(),m,fc,40,0.10000000000000001,0.125,0.25,0.5,0.0625,0.5,0
        cka,m,=cmd(),mlp,h,40,0.33333333333333331,1,0,,1,1,0

        """)
  }

  @Test func calibrationsStandBesideTheSimilarities() throws {
    let names = [
      "similarity_null_mean", "similarity_null_sd", "similarity_null_skewness",
      "similarity_p_value", "similarity_q_value", "similarity_calibrated",
    ]
    let with = ResultsNetCDF(calibrated()).file.variables
    for name in names {
      let variable = try #require(with.first { $0.name == name })
      #expect(variable.dimensions == ["metric", "a", "b"])
      guard case .real(let values) = variable.values else {
        Issue.record("\(name) holds no numbers")
        return
      }
      #expect(values.count == 9 && values[0].isNaN && values[5].isNaN)
      #expect(name != "similarity_p_value" || (values[1] == 0.0625 && values[3] == 0.0625))
    }
    let without = ResultsNetCDF(SmallZoo.content()).file.variables
    #expect(!without.contains { $0.name.hasPrefix("similarity_") })
  }

  @Test func thePageSaysWhereChanceIsExact() throws {
    let page = try HTMLPage(calibrated()).text
    #expect(page.contains("sets each of 2 pairs of layers"))
    #expect(!page.contains("no closed form is known"))
    #expect(!(try HTMLPage(SmallZoo.content()).text).contains("Chance for single pairs"))
  }

  private func withFamilies() throws -> ReportContent {
    let json = """
      {"metric":"cka","families":["cnn","mlp"],"models":4,"orders":24,"areAllOrders":true,
       "similarities":[{"familyA":"cnn","familyB":"cnn","mean":0.5,"pairs":1},
                       {"familyA":"cnn","familyB":"mlp","mean":0.25,"pairs":4}],
       "location":{"statistic":2,"pValue":0.125},"sharedVariance":0.75,
       "separability":{"dPrime":1.5,"auc":0.875,"silhouette":-0.25},
       "covariates":[{"name":"accuracy","correlation":{"statistic":0.5,"pValue":0.25}}],
       "missingCovariates":[]}
      """
    var content = SmallZoo.content()
    content.familyStatistics = [
      try JSONDecoder().decode(FamilyStatistics.self, from: Data(json.utf8))
    ]
    return content
  }

  @Test func familyStatisticsAreOneNumberARow() throws {
    #expect(
      try FamilyStatisticsCSV(content: withFamilies()).table.text == """
        metric,layer_rule,models,orders,statistic,term_a,term_b,value,p_value
        cka,last hidden layer,4,24,mean_similarity,cnn,cnn,0.5,
        cka,last hidden layer,4,24,mean_similarity,cnn,mlp,0.25,
        cka,last hidden layer,4,24,permanova_f,,,2,0.125
        cka,last hidden layer,4,24,permanova_r2,,,0.75,
        cka,last hidden layer,4,24,d_prime,,,1.5,
        cka,last hidden layer,4,24,auc,,,0.875,
        cka,last hidden layer,4,24,silhouette,,,-0.25,
        cka,last hidden layer,4,24,mantel_r,accuracy,,0.5,0.25

        """)
  }

  @Test func thePageHasFamiliesOnlyWhereThereAreStatistics() throws {
    let page = try HTMLPage(withFamilies()).text
    #expect(page.contains("id=\"families\"") && page.contains("all 24 orders of the models"))
    #expect(page.contains("<td class=\"n\">−0.25</td>"))
    #expect(!(try HTMLPage(SmallZoo.content()).text).contains("id=\"families\""))
  }

  @Test func rankingsCarryScoresIntervalsAndOtherMetrics() {
    let ranking = RankingCSV(SmallZoo.content())
    #expect(
      ranking.layers.text == """
        rank,rank_low,rank_high,model,layer,family,depth,is_output,universality,ci_low,ci_high,\
        p_value,q_value,raw,raw_ci_low,raw_ci_high,null_mean,null_threshold,score_svcca
        1,1,2,mlp,h,mlp,0,false,0.375,0.125,0.625,0.0625,,0.5,0.25,0.75,0.125,0.20000000000000001,0.5

        """)
    #expect(
      ranking.models.text == """
        rank,rank_low,rank_high,model,family,layers,universality,ci_low,ci_high,p_value,q_value,raw,\
        raw_ci_low,raw_ci_high,null_mean,null_threshold,score_svcca
        1,,,mlp,mlp,1,0.5,,,,,0.5,,,,,

        """)
    #expect(ranking.families.text.split(separator: "\n")[1].hasPrefix("1,1,1,mlp,1,0.375,"))
  }

  @Test func withoutARankingTheTablesAreEmpty() {
    var content = SmallZoo.content()
    content.findings = nil
    let ranking = RankingCSV(content)
    for table in [ranking.layers, ranking.models, ranking.families] {
      #expect(table.text.split(separator: "\n").count == 1)
      #expect(table.text.hasPrefix("rank,rank_low,rank_high,"))
    }
  }

  @Test(arguments: [
    ("plain", "plain"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\nb", "\"a\nb\""),
    ("a\r\nb", "\"a\r\nb\""), ("=1+1", "=1+1"), (" a", "\" a\""), ("", ""), ("層1", "層1"),
    ("\r\n\"\r\n", "\"\r\n\"\"\r\n\""),
  ])
  func fieldsAreQuotedWhereTheyNeedIt(field: String, expected: String) {
    #expect(CSV.quoted(field) == expected)
  }

  @Test func numbersKeepAllTheirBits() {
    for value in [0.1, 1.0 / 3, .pi, 1e-300, -0.0, Double.leastNonzeroMagnitude, 0.1 + 0.2] {
      #expect(Double(value.exact)?.bitPattern == value.bitPattern)
    }
    #expect((-0.0004).fixed(2) == "0.00")
    #expect((-0.5).fixed(2) == "−0.50")
    #expect(3.14159.coordinate == "3.14")
    #expect(2.0.coordinate == "2")
    #expect((-0.05).coordinate == "-0.05")
    #expect((-0.001).coordinate == "0")
    #expect(Double.nan.coordinate == "0")
  }
}
