package org.espalier.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.options.FixOption;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.job.InputException;
import org.espalier.job.ModelNames;
import org.espalier.job.SourceModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier inspect}: what a network is made of and what can be pruned. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Shows layers, groups of units that live or die together, what is frozen and why, parameters,"
                + " multiply-accumulates (MACs).")
final class InspectCommand implements Callable<Integer> {
    @ParentCommand
    private EspalierCommand espalier;

    @Parameters(paramLabel = "MODEL.onnx|NETWORK", description = "A file, or a built-in network such as lenet5.")
    private String model;

    @Option(
            names = "--shape",
            paramLabel = "NAME=1x3x48x320",
            description = "Look at the network at this shape of an input whose sizes are free; may be given several"
                    + " times.")
    private List<String> shapes = List.of();

    @Option(
            names = "--keep-outputs",
            paramLabel = "NAME,...",
            split = ",",
            description = "Look at what is left when the network keeps these outputs only.")
    private List<String> keepOutputs = List.of();

    @Mixin
    private FixOption fix;

    @Override
    public Integer call() {
        Inspection inspection;
        try {
            // As prune sees it: what is folded here is no obstacle there.
            Graph given = SourceModel.withFixedInputs(model, ModelNames.load(model, 0), fix.values());
            Map<String, long[]> sizes = ShapeOption.sizes(shapes, given.inputs());
            SourceModel user = SourceModel.atSizes(model, SourceModel.keeping(model, given, keepOutputs), sizes);
            inspection = Inspection.of(user, sizes);
        } catch (GraphException e) {
            throw new InputException(model + ": " + e.getMessage(), e);
        }
        Console console = espalier.console();
        console.result(console.json() ? inspection.data() : Map.of(), console.json() ? "" : inspection.text());
        return ExitCode.DONE;
    }
}
