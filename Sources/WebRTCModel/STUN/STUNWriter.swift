/// Writes the parts of a message into memory that has been sized for them, in network byte order.
struct STUNWriter {
    private let memory: UnsafeMutableRawBufferPointer
    /// How many bytes are written.
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    /// What is written so far.
    var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// Writes an integer.
    mutating func write<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        memory.storeBytes(of: value.bigEndian, toByteOffset: count, as: T.self)
        count += MemoryLayout<T>.size
    }

    /// Writes the header of an attribute: its type and the length of its value.
    mutating func begin(_ type: UInt16, length: Int) { write(UInt32(type) << 16 | UInt32(UInt16(clamping: length))) }

    /// Writes bytes, and zeros up to a multiple of four.
    mutating func writePadded(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + bytes.count]).copyMemory(from: bytes)
        count += bytes.count
        pad()
    }

    /// Writes zeros up to a multiple of four: a message's own length is one.
    mutating func pad() {
        while count & 3 != 0 { write(UInt8(0)) }
    }

    /// Writes the header's length field: what follows the header, and `extra` bytes that are about to be written.
    func setLength(adding extra: Int) {
        let length = UInt16(clamping: count - STUNMessage.headerBytes + extra)
        memory.storeBytes(of: length.bigEndian, toByteOffset: 2, as: UInt16.self)
    }
}
