"""Writes variants of a GGUF file, as nodes that save work would use them: fewer bits, or fewer layers.

usage: variants.py SOURCE FOLDER

Tensors with one dimension keep their precision, as llama.cpp's own tools do it.
"""

import sys
from pathlib import Path

from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter
from gguf.quants import dequantize, quantize

BITS = {
    "half": GGMLQuantizationType.F16,
    "8-bit": GGMLQuantizationType.Q8_0,
    "5-bit": GGMLQuantizationType.Q5_0,
    "4-bit": GGMLQuantizationType.Q4_0,
}
# Matrices whose rows are added, not multiplied.
ADDED = {"token_types.weight", "position_embd.weight"}
# Quantized rows consist of blocks of so many numbers.
BLOCK = 32


def write_variant(reader, path, architecture, kind=None, layers=None):
    writer = GGUFWriter(path, architecture)
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        value = field.contents()
        if layers is not None and name == f"{architecture}.block_count":
            value = layers
        sub_type = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
        writer.add_key_value(name, value, field.types[0], sub_type=sub_type)

    for tensor in reader.tensors:
        parts = tensor.name.split(".")
        if layers is not None and parts[0] == "blk" and int(parts[1]) >= layers:
            continue
        data, dtype = tensor.data, tensor.tensor_type
        is_multiplied = len(tensor.shape) > 1 and tensor.name not in ADDED
        is_multiplied = is_multiplied and tensor.shape[0] % BLOCK == 0
        if kind is not None and is_multiplied:
            data, dtype = quantize(dequantize(data, dtype), kind), kind
        writer.add_tensor(tensor.name, data, raw_dtype=dtype)

    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    reader = GGUFReader(source)
    architecture = reader.fields["general.architecture"].contents()
    layers = reader.fields[f"{architecture}.block_count"].contents()

    folder.mkdir(parents=True, exist_ok=True)
    for name, kind in BITS.items():
        write_variant(reader, folder / f"{name}.gguf", architecture, kind=kind)
    for skipped in (1, max(2, layers // 4)):
        path = folder / f"{layers - skipped}-of-{layers}-layers.gguf"
        write_variant(reader, path, architecture, layers=layers - skipped)


if __name__ == "__main__":
    main()
