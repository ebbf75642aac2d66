package org.espalier.job;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.data.DataSet;
import org.espalier.data.InputSpec;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.runtime.Agreement;
import org.espalier.runtime.InferenceException;
import org.espalier.runtime.OnnxSession;
import org.espalier.runtime.OutputAgreement;
import org.jspecify.annotations.Nullable;

/**
 * That the network that was written computes what the masked one of full size does, on real examples, in ONNX Runtime.
 *
 * @param maxAbsDifference between the outputs of both, in float32
 * @param half the file's half-precision type; null where it is wider
 * @param halfDifference between the outputs of the file and of the same network in float32, relative to the largest output; NaN where ONNX
 *     Runtime cannot run the file
 * @param refusal what ONNX Runtime says where it cannot
 * @param decided outputs whose elements differ only where the numbers that decide them are nearly equal, see {@link DecidedOutputs}
 */
public record ExportCheck(
        double maxAbsDifference,
        @Nullable ElementType half,
        double halfDifference,
        String refusal,
        List<OutputAgreement> decided) {
    private static final int CHECKED_EXAMPLES = 256;

    /** Examples at a time for which a network is compared with itself; what is taken for a constant might depend on them. */
    private static final int FEW = 5;
    /** Share of a decided output's elements that may differ where nothing but rounding can have changed. */
    private static final double FEW_DECIDED = 0.01;

    /** Of the examples together, for each input: 256 MiB of float32. */
    private static final int CHECKED_ELEMENTS = 1 << 26;

    /** Rounding errors of the half-precision type, each relative to the largest output, that add up in a network. */
    private static final int ROUNDINGS = 32;

    /**
     * Copies the list.
     *
     * @param maxAbsDifference between the outputs of both networks, in float32
     * @param half the file's half-precision type; null where it is wider
     * @param halfDifference between the file's outputs and those in float32, relative to the largest output
     * @param refusal what ONNX Runtime says where it cannot run the file
     * @param decided outputs whose elements differ where the numbers that decide them are nearly equal
     */
    public ExportCheck {
        decided = List.copyOf(decided);
    }

    /**
     * The check of a file in float32.
     *
     * @param maxAbsDifference between the outputs of both networks
     */
    public ExportCheck(double maxAbsDifference) {
        this(maxAbsDifference, null, 0, "", List.of());
    }

    /**
     * Compares the network of full size with the smaller one on real examples. A file in half precision is compared
     * twice: its network in float32 with the full size, and the file itself with its network in float32.
     *
     * @param network the network that was given, which says how inputs, outputs and precision of the file are
     * @param masked full size, removed units at zero
     * @param pruned smaller, as it was before it was written
     * @param file what was written
     * @param data the examples; the first 256 are used
     * @return the differences
     * @throws InferenceException if the networks do not agree
     */
    public static ExportCheck of(SourceModel network, Graph masked, Graph pruned, Path file, DataSet data) {
        ElementType half = network.half();
        // Both compute as much at a time as the masked one, which is the larger, has room for.
        int most = MemoryEstimate.inference(masked, data, CHECKED_EXAMPLES);
        try (OnnxSession first = OnnxSession.open(network.withInterface(masked), 1)) {
            if (half == null) {
                try (OnnxSession second = OnnxSession.open(file, 1)) {
                    return require(compare(first, second, data, most), masked, pruned, data, most);
                }
            }
            try (OnnxSession second = OnnxSession.open(network.withInterface(pruned), 1)) {
                ExportCheck wide = require(compare(first, second, data, most), masked, pruned, data, most);
                return wide.withHalf(half, second, file, data, most);
            }
        }
    }

    /** Passes on what agrees: each output, or, where one is decided by numbers, these. */
    private static ExportCheck require(Agreement agreement, Graph masked, Graph pruned, DataSet data, int most) {
        List<OutputAgreement> failing = agreement.failing();
        if (failing.isEmpty()) {
            return new ExportCheck(agreement.maxAbsDifference());
        }
        List<String> names = names(failing);
        DecidedOutputs decided = DecidedOutputs.of(masked);
        Set<String> by = decided.of(names);
        if (!decided.hasAll(names) || by.stream().anyMatch(v -> pruned.producer(v) == null)) {
            agreement.require();
        }
        double difference;
        try (OnnxSession first = OnnxSession.open(DecidedOutputs.giving(masked, by), 1);
                OnnxSession second = OnnxSession.open(DecidedOutputs.giving(pruned, by), 1)) {
            difference = compare(first, second, data, most).require().maxAbsDifference();
        }
        for (OutputAgreement o : agreement.outputs()) {
            difference = o.holds() ? Math.max(difference, o.maxAbsDifference()) : difference;
        }
        return new ExportCheck(difference, null, 0, "", failing);
    }

    /**
     * Checks, before training rather than after it, that ONNX Runtime can be used and computes a network, that the form in which the network is
     * worked on computes the same on real examples, and that it can be written as it was given.
     *
     * @param network the network
     * @param data the examples; the first 256 at most are used
     * @throws InputException if not
     */
    public static void requireRunnable(SourceModel network, DataSet data) {
        Graph wide = network.withInterface(network.prepared());
        network.asGiven(network.prepared());
        try (OnnxSession session = OnnxSession.open(wide, 1)) {
            int fixed = Value.fixedBatch(session.inputs());
            session.run(OnnxRuntimeEvaluation.inputs(session, data, 0, 1, Math.max(1, fixed)));
            if (network.half() == null) {
                requireSame(network, session, data);
            }
        } catch (InferenceException e) {
            throw new InputException(
                    network.name() + ": ONNX Runtime must compute it to check the result, found: " + e.getMessage(), e);
        }
    }

    private static void requireSame(SourceModel network, OnnxSession prepared, DataSet data) {
        int fixed = Value.fixedBatch(prepared.inputs());
        int few = MemoryEstimate.inference(network.prepared(), data, Math.min(FEW, data.size()));
        try (OnnxSession given = OnnxSession.open(network.given(), 1)) {
            List<Map<String, TensorData>> batches = new ArrayList<>();
            for (int rows : fixed > 0 ? new int[] {fixed} : new int[] {1, few}) {
                batches.add(OnnxRuntimeEvaluation.inputs(prepared, data, 0, Math.min(rows, data.size()), rows));
            }
            Agreement agreement = Agreement.check(given, prepared, batches);
            if (!agreement.holds() && !fewAreDecided(agreement.failing(), network.prepared())) {
                throw new InputException(network.name()
                        + ": is not understood: what it computes from constants was not constant; outputs, which must be"
                        + " the same without, differ by " + agreement.maxAbsDifference());
            }
        } catch (InferenceException e) {
            // A file that ONNX Runtime does not take as it is can still be pruned.
            if (!e.isModelRefused()) {
                throw e;
            }
        }
    }

    private static boolean fewAreDecided(List<OutputAgreement> failing, Graph graph) {
        return failing.stream().allMatch(o -> o.differing() <= FEW_DECIDED * o.elements())
                && DecidedOutputs.of(graph).hasAll(names(failing));
    }

    private static List<String> names(List<OutputAgreement> outputs) {
        return outputs.stream().map(OutputAgreement::output).toList();
    }

    private ExportCheck withHalf(ElementType type, OnnxSession wide, Path file, DataSet data, int most) {
        try (OnnxSession narrow = OnnxSession.open(file, 1)) {
            double difference = compare(narrow, wide, data, most).relative();
            return new ExportCheck(maxAbsDifference, type, difference, "", decided);
        } catch (InferenceException e) {
            if (type == ElementType.BFLOAT16 || e.isModelRefused()) {
                return new ExportCheck(maxAbsDifference, type, Double.NaN, String.valueOf(e.getMessage()), decided);
            }
            throw e;
        }
    }

    private static Agreement compare(OnnxSession first, OnnxSession second, DataSet data, int most) {
        int fixed = Value.fixedBatch(first.inputs());
        int largest = data.inputs().stream().mapToInt(InputSpec::elements).max().orElse(1);
        int checked = Math.max(1, Math.min(CHECKED_EXAMPLES, CHECKED_ELEMENTS / largest));
        int count = Math.min(checked, data.size());
        int rows = fixed == 0 ? Math.min(count, most) : fixed;
        List<Map<String, TensorData>> batches = new ArrayList<>();
        for (int from = 0; from < count; from += rows) {
            batches.add(OnnxRuntimeEvaluation.inputs(first, data, from, Math.min(rows, count - from), rows));
        }
        return Agreement.check(first, second, batches);
    }

    /** Whether ONNX Runtime runs the file. */
    boolean runsAsWritten() {
        return refusal.isEmpty();
    }

    /** The difference that half precision may make, relative to the largest output. */
    double halfTolerance() {
        return ROUNDINGS * (half == ElementType.BFLOAT16 ? 0x1p-8 : 0x1p-11);
    }

    /** {@return messages about the file beside the report; empty where all is as expected} */
    public List<JobMessage> notes() {
        List<JobMessage> notes = new ArrayList<>();
        for (OutputAgreement o : decided) {
            notes.add(new JobMessage(
                    JobMessage.Code.DECIDED_OUTPUT_DIFFERS,
                    Format.of(
                            "output '%s': %s of %s elements differ from the masked network's, where the numbers that"
                                    + " decide them are nearly equal; these numbers agree",
                            o.output(), Format.count(o.differing()), Format.count(o.elements()))));
        }
        if (half != null && !runsAsWritten()) {
            notes.add(new JobMessage(JobMessage.Code.RUN_IN_FLOAT32, "checked and timed in float32: " + refusal));
        } else if (half != null && !(halfDifference <= halfTolerance())) {
            notes.add(new JobMessage(
                    JobMessage.Code.HALF_PRECISION_DIFFERS,
                    Format.of(
                            "in %s the network's outputs differ by %.2g of the largest one from those in float32,"
                                    + " expected at most %.2g: look at the error of the file, measured by itself",
                            half, halfDifference, halfTolerance())));
        }
        return notes;
    }

    /** What the report says about outputs that are decided and about half precision; nothing where there is neither. */
    Map<String, Object> details() {
        Map<String, Object> data = new LinkedHashMap<>();
        if (!decided.isEmpty()) {
            Map<String, Object> shares = new LinkedHashMap<>();
            decided.forEach(o -> shares.put(o.output(), (double) o.differing() / o.elements()));
            data.put("decided_outputs_differing_share", shares);
        }
        if (half != null) {
            data.put("precision", Format.lower(half));
            data.put("precision_difference", halfDifference);
            data.put("precision_tolerance", halfTolerance());
        }
        return data;
    }

    /** {@return the report's sentence on how far the outputs are apart} */
    public String text() {
        String equal = Format.of(
                "The pruned network's outputs differ from the masked one's by at most %.1e%s.",
                maxAbsDifference, half == null ? "" : " in float32");
        if (half == null || !runsAsWritten()) {
            return equal;
        }
        return equal
                + Format.of(
                        " The file in %s differs from that by %.1e of the largest output (expected: %.1e).",
                        Format.lower(half), halfDifference, halfTolerance());
    }
}
