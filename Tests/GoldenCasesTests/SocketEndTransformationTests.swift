import Testing

@testable import GoldenCases

@Suite("Transformations: how connections and sessions end")
struct SocketEndTransformationTests {
    @Test("a silent give-up after a dial that failed gets its report; one that close() caused does not")
    func spentBudget() throws {
        let world = try Transcript.world()
        let givenUp = #"""
            {"t":5,"who":"client","what":"connectAttempt","n":2,"cred":"key=x"}
            {"t":9,"who":"client","what":"state","from":"reconnecting","to":"closed"}
            """#
        #expect(
            try Transcript.apply(.spentBudgetIsReported, givenUp, in: world)
                == Transcript.text(
                    #"""
                    {"t":5,"who":"client","what":"connectAttempt","n":2,"cred":"key=x"}
                    {"t":9,"who":"client","what":"Disconnected","code":1006,"reason":"ConnectionRefusedError","willReconnect":false}
                    {"t":9,"who":"client","what":"state","from":"reconnecting","to":"closed"}
                    """#))
        let closed = #"""
            {"t":9,"who":"app","what":"call","id":2,"do":"close"}
            {"t":9,"who":"client","what":"state","from":"reconnecting","to":"closed"}
            {"t":9,"who":"app","what":"result","id":2,"do":"close","ok":true}
            """#
        #expect(try Transcript.apply(.spentBudgetIsReported, closed, in: world) == nil)
        let reported = #"""
            {"t":9,"who":"client","what":"Disconnected","code":1011,"reason":"x","willReconnect":false}
            {"t":9,"who":"client","what":"state","from":"reconnecting","to":"closed"}
            """#
        #expect(try Transcript.apply(.spentBudgetIsReported, reported, in: world) == nil)
    }

    @Test("a give-up of the token provider reports 1006")
    func tokenGiveUp() throws {
        let line = #"{"t":9,"who":"client","what":"Disconnected","code":1011,"reason":"token provider failed","willReconnect":false}"#
        let world = try Transcript.world()
        #expect(
            try Transcript.apply(.failedTokenIsReportedAs1006, line, in: world)
                == Transcript.text(line.replacing("1011", with: "1006")))
        #expect(try Transcript.apply(.failedTokenIsReportedAs1006, line.replacing("1011", with: "1006"), in: world) == nil)
    }

    @Test("an oversized frame from the server is reported as 1009 on its own socket only")
    func inboundOversize() throws {
        let text = #"""
            {"t":1,"who":"client","what":"socketClosed","conn":1,"code":1006}
            {"t":5,"who":"server","what":"oversized","conn":2,"bytes":2000000}
            {"t":5,"who":"client","what":"closeFrame","conn":2,"code":1009,"reason":""}
            {"t":9,"who":"client","what":"socketClosed","conn":2,"code":1006}
            {"t":9,"who":"client","what":"Disconnected","code":1006,"reason":"","willReconnect":true}
            """#
        #expect(
            try Transcript.apply(.inboundOversizeKeepsItsCode, text, in: Transcript.world())
                == Transcript.text(
                    #"""
                    {"t":1,"who":"client","what":"socketClosed","conn":1,"code":1006}
                    {"t":5,"who":"server","what":"oversized","conn":2,"bytes":2000000}
                    {"t":5,"who":"client","what":"closeFrame","conn":2,"code":1009,"reason":""}
                    {"t":9,"who":"client","what":"socketClosed","conn":2,"code":1009}
                    {"t":9,"who":"client","what":"Disconnected","code":1009,"reason":"","willReconnect":true}
                    """#))
    }

    @Test("close() aborts a socket that is still open after a second")
    func unansweredClose() throws {
        let text = #"""
            {"t":50,"who":"server","what":"accept","n":1}
            {"t":100,"who":"app","what":"call","id":2,"do":"close"}
            {"t":100,"who":"client","what":"closeFrame","conn":1,"code":1000,"reason":""}
            {"t":1100,"who":"client","what":"state","from":"connected","to":"closed"}
            {"t":2000,"who":"app","what":"end","client":"closed","openSockets":[1,2]}
            """#
        #expect(
            try Transcript.apply(.unansweredCloseIsAborted, text, in: Transcript.world())
                == Transcript.text(
                    #"""
                    {"t":50,"who":"server","what":"accept","n":1}
                    {"t":100,"who":"app","what":"call","id":2,"do":"close"}
                    {"t":100,"who":"client","what":"closeFrame","conn":1,"code":1000,"reason":""}
                    {"t":1100,"who":"client","what":"abort","conn":1}
                    {"t":1100,"who":"client","what":"socketClosed","conn":1,"code":1006}
                    {"t":1100,"who":"client","what":"state","from":"connected","to":"closed"}
                    {"t":2000,"who":"app","what":"end","client":"closed","openSockets":[2]}
                    """#))
        let answered = #"{"t":1100,"who":"client","what":"socketClosed","conn":1,"code":1000}"# + "\n" + text
        #expect(try Transcript.apply(.unansweredCloseIsAborted, answered, in: Transcript.world()) == nil)
    }

    @Test("close() returns behind other calls that end at the same instant, and only those")
    func closeReturnsLast() throws {
        let close = #"{"t":9,"who":"app","what":"result","id":2,"do":"close","ok":true}"#
        let publish = #"{"t":9,"who":"app","what":"result","id":1,"do":"publish","ok":false}"#
        let world = try Transcript.world()
        #expect(try Transcript.apply(.closeReturnsLast, close + "\n" + publish, in: world) == Transcript.text(publish + "\n" + close))
        #expect(try Transcript.apply(.closeReturnsLast, close + "\n" + publish.replacing("\"t\":9", with: "\"t\":10"), in: world) == nil)
    }

    @Test("what arrives behind our close frame is not heard, and calls made then find no connection")
    func closingWindow() throws {
        let app = #"{"at":1,"do":"publish","channel":"a"},{"at":10,"do":"close"},{"at":12,"do":"publish","channel":"a"}"#
        let text = #"""
            {"t":1,"who":"app","what":"call","id":1,"do":"publish"}
            {"t":10,"who":"app","what":"call","id":2,"do":"close"}
            {"t":10,"who":"client","what":"closeFrame","conn":1,"code":1000,"reason":""}
            {"t":12,"who":"app","what":"call","id":3,"do":"publish"}
            {"t":15,"who":"client","what":"Presence","channel":"a","joined":[],"left":[]}
            {"t":16,"who":"app","what":"result","id":1,"do":"publish","ok":true}
            {"t":40,"who":"client","what":"socketClosed","conn":1,"code":1000}
            {"t":40,"who":"client","what":"state","from":"connected","to":"closed"}
            {"t":40,"who":"app","what":"result","id":2,"do":"close","ok":true}
            {"t":40,"who":"app","what":"result","id":3,"do":"publish","ok":false,"error":"DisconnectedError"}
            """#
        #expect(
            try Transcript.apply(.closingConnectionIsOver, text, in: Transcript.world(app: app))
                == Transcript.text(
                    #"""
                    {"t":1,"who":"app","what":"call","id":1,"do":"publish"}
                    {"t":10,"who":"app","what":"call","id":2,"do":"close"}
                    {"t":10,"who":"client","what":"closeFrame","conn":1,"code":1000,"reason":""}
                    {"t":12,"who":"app","what":"call","id":3,"do":"publish"}
                    {"t":12,"who":"app","what":"result","id":3,"do":"publish","ok":false,"error":"NotConnectedError"}
                    {"t":40,"who":"client","what":"socketClosed","conn":1,"code":1000}
                    {"t":40,"who":"client","what":"state","from":"connected","to":"closed"}
                    {"t":40,"who":"app","what":"result","id":1,"do":"publish","ok":false,"error":"DisconnectedError"}
                    {"t":40,"who":"app","what":"result","id":2,"do":"close","ok":true}
                    """#))
    }

    @Test("the slow floor of a failed session shortens nothing but the first drop of the next")
    func slowFloor() throws {
        let world = try Transcript.world(app: #"{"at":0,"do":"connect"},{"at":10,"do":"connect"}"#)
        let text = #"""
            {"t":0,"who":"app","what":"call","id":1,"do":"connect"}
            {"t":5,"who":"client","what":"socketClosed","conn":1,"code":4010}
            {"t":10,"who":"app","what":"call","id":2,"do":"connect"}
            {"t":10,"who":"client","what":"connectAttempt","n":2,"cred":"key=x"}
            {"t":60,"who":"server","what":"accept","n":2}
            {"t":100,"who":"client","what":"socketClosed","conn":2,"code":1006}
            {"t":36100,"who":"client","what":"connectAttempt","n":3,"cred":"key=x"}
            {"t":36150,"who":"server","what":"accept","n":3}
            {"t":36170,"who":"server","what":"frame","conn":3,"type":"welcome"}
            {"t":36170,"who":"client","what":"Connected"}
            {"t":56170,"who":"client","what":"send","conn":3,"type":"ping"}
            {"t":56200,"who":"server","what":"frame","conn":3,"type":"pong"}
            """#
        let shortened = try #require(try Transcript.apply(.slowFloorDiesWithItsSession, text, in: world))
        let client = shortened.filter { $0.contains(#""who":"client""#) }
        #expect(
            client.suffix(4)
                == [
                    // 36,000 is 30,000 with a factor of 1.2; so is 600 of 500.
                    #"{"t":700,"who":"client","what":"connectAttempt","n":3,"cred":"key=x"}"#,
                    #"{"t":770,"who":"client","what":"Connected"}"#,
                    #"{"t":20770,"who":"client","what":"send","conn":3,"type":"ping"}"#,
                    #"{"t":40800,"who":"client","what":"send","conn":3,"type":"ping"}"#,
                ])
        let sameSession = text.replacing(#""t":10,"who":"app","what":"call""#, with: #""t":10,"who":"app","what":"note""#)
        #expect(try Transcript.apply(.slowFloorDiesWithItsSession, sameSession, in: world) == nil)
    }
}
