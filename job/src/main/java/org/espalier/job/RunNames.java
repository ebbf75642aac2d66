package org.espalier.job;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The names of the files that a run, {@code shrink} and {@code sweep} write into the run's folder. */
final class RunNames {
    static final String CONFIGURATION = "run.yaml";
    static final String OWNED = "run-files.json";
    static final String LOCK = ".lock";
    static final String METRICS = "metrics.jsonl";
    static final String CHECKPOINT = "checkpoint";
    static final String START = "start.onnx";
    static final String ORIGINAL = "original.onnx";
    static final String TRAINED = "trained.onnx";
    static final String POSTERIOR = "posterior.bin";
    static final String PRUNED = "pruned.onnx";
    static final String REPORT = "report.json";

    /** Before {@code .onnx}, the name of a network that was not found to compute what it must. */
    static final String UNCHECKED = "-unchecked";

    /** After a model's name, that of its weights where they have a file of their own. */
    static final String WEIGHTS = ".data";

    private static final List<String> NETWORKS =
            List.of(START, ORIGINAL, TRAINED, PRUNED, PRUNED.replace(".onnx", UNCHECKED + ".onnx"));

    /** What a run writes as whole files, but for {@link #OWNED} itself. */
    static final List<String> WHOLE = Stream.concat(
                    Stream.of(CONFIGURATION, POSTERIOR, REPORT),
                    NETWORKS.stream().flatMap(n -> Stream.of(n, n + WEIGHTS)))
            .toList();

    private static final Set<String> GROWING = Set.of(OWNED, LOCK, METRICS, CHECKPOINT);
    private static final Pattern EVENTS = Pattern.compile("events\\.out\\.tfevents\\..*\\.espalier");
    private static final Pattern ADDED = Pattern.compile("pruned-.*\\.onnx(\\.data)?|sweep\\.(txt|json|svg)");

    private RunNames() {}

    /** Whether the run itself writes a file or folder of this name. */
    static boolean isRuns(String name) {
        return WHOLE.contains(name)
                || GROWING.contains(name)
                || EVENTS.matcher(name).matches();
    }

    /** Whether the run writes a file of this name, or {@code shrink} or {@code sweep} by themselves. */
    static boolean isWritten(String name) {
        return isRuns(name) || ADDED.matcher(name).matches();
    }
}
