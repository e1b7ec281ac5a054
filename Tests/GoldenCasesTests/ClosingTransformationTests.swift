import Testing

@testable import GoldenCases

// What close() does to a room's lines.
extension RoomTransformationTests {
    @Test("close() sends its frame at once, and hears nothing of what comes while peer connections close")
    func closingLinks() throws {
        let world = try Transcript.room(app: #"{"at":0,"do":"join"},{"at":500,"do":"close"}"#)
        let text = #"""
            {"t":500,"who":"app","what":"call","id":2,"do":"close"}
            {"t":500,"who":"peer","what":"state","from":"joined","to":"leaving"}
            {"t":700,"who":"client","what":"Message","channel":"room","from":"p2","data":1}
            {"t":700,"who":"peer","what":"Data","kind":"broadcast","from":"p2","data":1}
            {"t":1200,"who":"client","what":"closeFrame","conn":1,"code":1000,"reason":""}
            {"t":1230,"who":"client","what":"socketClosed","conn":1,"code":1000}
            {"t":1230,"who":"peer","what":"state","from":"leaving","to":"closed"}
            {"t":1230,"who":"app","what":"result","id":2,"do":"close","ok":true}
            """#
        let lines = try apply(.closeWaitsForNoLink, text, in: world)
        #expect(
            lines?.map { "\($0.milliseconds) \($0.what)" } == [
                "500 call", "500 state", "500 closeFrame", "530 socketClosed", "530 state", "530 result",
            ])
        let prompt = text.replacing(#""t":1200"#, with: #""t":500"#)
        #expect(try apply(.closeWaitsForNoLink, prompt, in: world) == nil)
    }

    @Test("a close() in idle says closed when it is done, and a second close() returns with the first")
    func closes() throws {
        let world = try Transcript.room(app: #"{"at":5,"do":"close"},{"at":9,"do":"close"}"#)
        let text = #"""
            {"t":5,"who":"app","what":"call","id":1,"do":"close"}
            {"t":5,"who":"peer","what":"state","from":"idle","to":"closed"}
            {"t":9,"who":"app","what":"call","id":2,"do":"close"}
            {"t":9,"who":"app","what":"result","id":2,"do":"close","ok":true}
            {"t":35,"who":"app","what":"result","id":1,"do":"close","ok":true}
            """#
        #expect(peer(try apply(.closedIsTheLastWord, text, in: world)) == ["35 state closed"])
        let results = try apply(.closesReturnTogether, text, in: world)?.filter { $0.what == "result" }
        #expect(results?.map { "\($0.milliseconds) \($0.integer("id") ?? 0)" } == ["35 1", "35 2"])
        // That of a client would wait for itself.
        let later = text.replacing(#"{"t":9,"who":"app","what":"result""#, with: #"{"t":36,"who":"app","what":"result""#)
        let client = try apply(.closesReturnTogether, later, in: world)?.filter { $0.what == "result" }
        #expect(client?.map(\.milliseconds) == [35, 35])
    }
}
