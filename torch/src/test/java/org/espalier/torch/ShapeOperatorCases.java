package org.espalier.torch;

import static org.espalier.torch.OperatorCases.ints;
import static org.espalier.torch.OperatorCases.shape;

import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.TensorData;
import org.espalier.torch.OperatorCases.Case;

/** The {@link OperatorCases} of operators that move, pick, repeat or resize. */
final class ShapeOperatorCases {
    private ShapeOperatorCases() {}

    static void add(List<Case> all) {
        all.add(OperatorCases.of("Flatten", 13, Map.of("axis", Attribute.of(2)), shape(2, 3, 4, 2)));
        all.add(OperatorCases.of("Reshape", 13, Map.of(), shape(2, 3, 4))
                .constant("shape", TensorData.vector(0, -1, 2)));
        all.add(OperatorCases.of("Squeeze", 13, Map.of(), shape(2, 1, 3, 1)).constant("axes", TensorData.vector(-1)));
        all.add(OperatorCases.of("Squeeze attribute", 11, Map.of("axes", ints(1)), shape(2, 1, 3, 1)));
        all.add(OperatorCases.of("Squeeze all", 13, Map.of(), shape(2, 1, 3, 1)));
        all.add(OperatorCases.of("Unsqueeze", 13, Map.of(), shape(2, 3)).constant("axes", TensorData.vector(-1, 0)));
        all.add(OperatorCases.of("Unsqueeze attribute", 11, Map.of("axes", ints(1, 3)), shape(2, 3)));
        all.add(OperatorCases.of("Transpose", 13, Map.of("perm", ints(2, 0, 1)), shape(2, 3, 4)));
        all.add(OperatorCases.of("Transpose default", 13, Map.of(), shape(2, 3, 4)));
        all.add(OperatorCases.of("Expand", 13, Map.of(), shape(3, 1)).constant("shape", TensorData.vector(2, 1, 4)));
        all.add(OperatorCases.of("Expand to less", 13, Map.of(), shape(2, 3, 1))
                .constant("shape", TensorData.vector(3, 4)));
        all.add(OperatorCases.of("Tile", 13, Map.of(), shape(2, 3)).constant("repeats", TensorData.vector(2, 3)));
        all.add(OperatorCases.of(
                "Concat", 13, Map.of("axis", Attribute.of(-2)), shape(2, 3, 2), shape(2, 1, 2), shape(2, 2, 2)));
        all.add(OperatorCases.of("Split", 13, Map.of("axis", Attribute.of(1)), shape(2, 6))
                .outputs(3));
        all.add(OperatorCases.of(
                        "Split uneven",
                        18,
                        Map.of("axis", Attribute.of(1), "num_outputs", Attribute.of(3)),
                        shape(2, 8))
                .outputs(3));
        all.add(OperatorCases.of("Split sizes", 13, Map.of(), shape(5, 2))
                .outputs(2)
                .constant("split", TensorData.vector(1, 4)));
        all.add(OperatorCases.of("Slice", 13, Map.of(), shape(4, 6))
                .constant("starts", TensorData.vector(1, -1))
                .constant("ends", TensorData.vector(9, Long.MIN_VALUE))
                .constant("axes", TensorData.vector(0, 1))
                .constant("steps", TensorData.vector(2, -2)));
        all.add(OperatorCases.of(
                "Slice old", 9, Map.of("starts", ints(1), "ends", ints(-1), "axes", ints(1)), shape(4, 6)));
        all.add(OperatorCases.of("Gather", 13, Map.of("axis", Attribute.of(1)), shape(3, 4, 2))
                .constant("indices", TensorData.ofLongs(new long[] {0, -1, 2, 2}, 2, 2)));
        all.add(OperatorCases.of("GatherElements", 13, Map.of("axis", Attribute.of(1)), shape(2, 3))
                .constant("indices", TensorData.ofLongs(new long[] {0, -1, 2, 2}, 2, 2)));
        all.add(OperatorCases.of("GatherND", 13, Map.of(), shape(3, 4, 2))
                .constant("indices", TensorData.ofLongs(new long[] {0, -1, 2, 2}, 2, 2)));
        all.add(OperatorCases.of("GatherND elements", 13, Map.of(), shape(3, 4))
                .constant("indices", TensorData.ofLongs(new long[] {0, -1, 2, 2, 2, 2}, 3, 1, 2)));
        all.add(OperatorCases.of("ScatterND", 16, Map.of(), shape(3, 4, 2))
                .constant("indices", TensorData.ofLongs(new long[] {0, -1, 2, 2}, 2, 2))
                .constant("updates", TensorData.ofFloats(new float[] {1, 2, 3, 4}, 2, 2)));
        for (String reduction : List.of("none", "add", "mul", "max", "min")) {
            all.add(OperatorCases.of(
                            "ScatterElements " + reduction,
                            18,
                            Map.of("axis", Attribute.of(1), "reduction", Attribute.of(reduction)),
                            shape(2, 4))
                    .constant("indices", TensorData.ofLongs(new long[] {0, -1, 2, 1}, 2, 2))
                    .constant("updates", TensorData.ofFloats(new float[] {0.3f, -0.6f, 0.9f, 0.1f}, 2, 2)));
        }
        all.add(OperatorCases.of("TopK", 11, Map.of(), shape(3, 5)).constant("k", TensorData.vector(2)));
        all.add(OperatorCases.of(
                        "TopK smallest", 11, Map.of("axis", Attribute.of(0), "largest", Attribute.of(0)), shape(4, 3))
                .constant("k", TensorData.vector(3)));
        all.add(OperatorCases.of("TopK attribute", 9, Map.of("k", Attribute.of(2)), shape(3, 5)));
        all.add(OperatorCases.of("Pad", 13, Map.of(), shape(2, 3))
                .constant("pads", TensorData.vector(1, 0, -1, 2))
                .constant("value", TensorData.ofFloats(new float[] {1.5f})));
        all.add(OperatorCases.of("Pad reflect", 13, Map.of("mode", Attribute.of("reflect")), shape(4, 5))
                .constant("pads", TensorData.vector(2, 1, 1, 3)));
        all.add(OperatorCases.of("Pad edge", 11, Map.of("mode", Attribute.of("edge")), shape(4, 5))
                .constant("pads", TensorData.vector(2, 0, 1, 3)));
        for (String mode : List.of("nearest", "linear", "cubic")) {
            for (String c : List.of("half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel")) {
                all.add(OperatorCases.of(
                                "Resize " + mode + " " + c,
                                13,
                                Map.of("mode", Attribute.of(mode), "coordinate_transformation_mode", Attribute.of(c)),
                                shape(1, 2, 4, 5))
                        .constant("-roi", TensorData.full(0, 1))
                        .constant("scales", TensorData.ofFloats(new float[] {1, 1, 2, 1.6f}, 4)));
            }
        }
        // A float times 3 is 5; the same number as a double times 3 is less.
        all.add(OperatorCases.of(
                        "Resize by five thirds",
                        13,
                        Map.of("coordinate_transformation_mode", Attribute.of("asymmetric")),
                        shape(1, 2, 3, 3))
                .constant("-roi", TensorData.full(0, 1))
                .constant("scales", TensorData.ofFloats(new float[] {1, 1, 1.6666666f, 1.6666666f}, 4)));
        all.add(OperatorCases.of("Resize sizes", 13, Map.of(), shape(1, 2, 4, 5))
                .constant("-roi", TensorData.full(0, 1))
                .constant("-scales", TensorData.full(0, 1))
                .constant("sizes", TensorData.vector(1, 2, 3, 7)));
        // In float 4 / 1.3333334 is 3, in double less.
        for (float scale : new float[] {1.3333334f, 0.6666667f, 1.2f, 0.6f, 0.33333334f}) {
            all.add(OperatorCases.of(
                            "Resize by " + scale,
                            13,
                            Map.of(
                                    "coordinate_transformation_mode", Attribute.of("asymmetric"),
                                    "nearest_mode", Attribute.of("floor")),
                            shape(1, 1, 9, 6))
                    .constant("-roi", TensorData.full(0, 1))
                    .constant("scales", TensorData.ofFloats(new float[] {1, 1, scale, scale}, 4)));
        }
        for (float scale : new float[] {0.4f, 1.7f}) {
            all.add(OperatorCases.of("Resize of operator set 10 by " + scale, 10, Map.of(), shape(1, 1, 9, 6))
                    .constant("scales", TensorData.ofFloats(new float[] {1, 1, scale, scale}, 4)));
        }
        all.add(OperatorCases.of(
                        "Resize tf_half_pixel_for_nn",
                        11,
                        Map.of("coordinate_transformation_mode", Attribute.of("tf_half_pixel_for_nn")),
                        shape(1, 1, 4, 5))
                .constant("roi", TensorData.ofFloats(new float[0], 0))
                .constant("scales", TensorData.ofFloats(new float[] {1, 1, 2, 0.6f}, 4)));
        all.add(OperatorCases.of("Upsample", 9, Map.of(), shape(1, 2, 3, 3))
                .constant("scales", TensorData.ofFloats(new float[] {1, 1, 2, 3}, 4)));
        all.add(OperatorCases.of("DepthToSpace", 13, Map.of("blocksize", Attribute.of(2)), shape(1, 8, 2, 3)));
        all.add(OperatorCases.of(
                "DepthToSpace CRD",
                13,
                Map.of("blocksize", Attribute.of(2), "mode", Attribute.of("CRD")),
                shape(1, 8, 2, 3)));
        all.add(OperatorCases.of("SpaceToDepth", 13, Map.of("blocksize", Attribute.of(2)), shape(1, 2, 4, 6)));
    }
}
