"""Reads a TensorBoard event file with nothing but Python: TFRecords with both check sums, then the
protocol buffers field by field. Prints one line an event: step, file version or tag=value, ..."""
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        length, length_crc = struct.unpack_from("<QI", data, at)
        assert length_crc == masked(data[at : at + 8])
        event = data[at + 12 : at + 12 + length]
        assert struct.unpack_from("<I", data, at + 12 + length)[0] == masked(event)
        yield event
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = varint(data, at)
        else:
            size = {1: 8, 5: 4}.get(wire)
            if size is None:
                assert wire == 2
                size, at = varint(data, at)
            value = data[at : at + size]
            at += size
        yield key >> 3, value


def main(path):
    last = 0.0
    for event in records(open(path, "rb").read()):
        step, texts = 0, []
        for number, value in fields(event):
            if number == 1:
                wall = struct.unpack("<d", value)[0]
                assert wall >= last > -1 and wall > 1.5e9
                last = wall
            elif number == 2:
                step = value
            elif number == 3:
                texts.append(value.decode())
            elif number == 5:
                for _, scalar in fields(value):
                    parts = dict(fields(scalar))
                    texts.append(f"{parts[1].decode()}={struct.unpack('<f', parts[2])[0]:.9g}")
        print(step, *texts)


main(sys.argv[1])
