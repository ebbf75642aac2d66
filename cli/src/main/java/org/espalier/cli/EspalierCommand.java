package org.espalier.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.console.Interrupts;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The program. Exit codes: 0 done, 1 the job failed, 2 the command line or an input file is wrong, 129, 130 and 143 stopped by
 * SIGHUP, Ctrl-C or SIGTERM with a checkpoint to go on from.
 */
@Command(
        name = "espalier",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = false,
        description = "Prunes neural networks by Structured Bayesian Pruning: ONNX in, smaller ONNX out.",
        footer = {"", "'espalier COMMAND --help' tells about a command."})
public final class EspalierCommand {
    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "One JSON document on standard output, everything else on standard error.")
    private boolean json;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Stack traces of errors.")
    @SuppressWarnings("unused") // is looked for before the command line is parsed, whose errors it shows, too
    private boolean verbose;

    private final PrintStream out;
    private final PrintStream err;

    private EspalierCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /**
     * Runs the program and ends the JVM.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        PrintStream out = stream(FileDescriptor.out);
        PrintStream err = stream(FileDescriptor.err);
        System.setErr(err);
        int code;
        try (Interrupts quick = Interrupts.die()) {
            code = run(args, out, err);
        }
        if (out.checkError()) {
            err.println("espalier: standard output cannot be written");
            code = Math.max(code, ExitCode.FAILED);
        }
        err.flush();
        System.exit(code);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /**
     * Runs one command inside this JVM.
     *
     * @param args as on the command line
     * @param out receives the result and nothing else
     * @param err receives errors, notes and progress
     * @return the exit code
     */
    public static int run(String[] args, PrintStream out, PrintStream err) {
        CommandLine line = commandLine(new EspalierCommand(out, err));
        if (args.length == 0) {
            line.usage(err);
            return ExitCode.WRONG_INPUT;
        }
        ErrorPrinter errors = new ErrorPrinter(err, Arrays.asList(args).contains("--verbose"));
        line.setParameterExceptionHandler((e, unused) -> errors.wrongCommandLine(e));
        line.setExecutionExceptionHandler((e, unused, parsed) -> errors.failed(e));
        try {
            return line.execute(args);
        } catch (Error e) {
            return errors.broken(e);
        } finally {
            out.flush();
            err.flush();
        }
    }

    /** The command line as it is parsed, with all commands; nothing is run. */
    static CommandLine commandLine() {
        return commandLine(new EspalierCommand(System.out, System.err));
    }

    private static CommandLine commandLine(EspalierCommand root) {
        CommandLine line = new CommandLine(root);
        for (Object command : List.of(
                new DemoCommand(),
                new TrainCommand(),
                new PruneCommand(),
                new ShrinkCommand(),
                new SweepCommand(),
                new EvalCommand(),
                new BenchCommand(),
                new BenchTrainCommand(),
                new InspectCommand(),
                new ReproduceCommand(),
                new CacheCommand())) {
            line.addSubcommand(command);
        }
        line.registerConverter(
                ReproduceCommand.Target.class,
                text -> ReproduceCommand.Target.valueOf(
                        text.toUpperCase(Locale.ROOT).replace('-', '_')));
        return line.setOut(new PrintWriter(root.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(root.err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedOptionsAllowed(false)
                .setUsageHelpWidth(100);
    }

    /** Where a command's results and notes go. */
    Console console() {
        return new Console(out, err, json);
    }
}
