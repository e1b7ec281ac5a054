import ScenarioKit
import Testing

@Test("positions are written as editors expect them")
func positionText() {
    #expect(SourcePosition(file: "a.yaml", line: 3, column: 7).description == "a.yaml:3:7")
    #expect(SourcePosition(file: "a.yaml").description == "a.yaml")
}
