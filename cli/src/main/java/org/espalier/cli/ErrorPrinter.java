package org.espalier.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.console.SignalException;
import org.espalier.data.DataException;
import org.espalier.graph.GraphException;
import org.espalier.io.IoProblem;
import org.espalier.io.SafeText;
import org.espalier.job.Format;
import org.espalier.job.InputException;
import org.espalier.job.JobException;
import org.espalier.job.Nearest;
import org.espalier.job.Setting;
import org.espalier.platform.NativeLibraries;
import org.espalier.platform.PlatformException;
import org.espalier.progress.StoppedException;
import org.espalier.progress.TrainingException;
import org.espalier.runtime.InferenceException;
import org.espalier.torch.MemoryShortage;
import org.espalier.torch.NativeFailure;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Errors as one line, and their exit codes. */
final class ErrorPrinter {
    /** Of a message: what it quotes may be a whole file. */
    private static final int LONGEST = 4000;
    /** By which option a setting is chosen. */
    private static final Map<Setting, String> OPTIONS = Map.ofEntries(
            Map.entry(Setting.FOLDER, "--out"),
            Map.entry(Setting.FILE, "--out"),
            Map.entry(Setting.START_OVER, "--resume RUN --start-over"),
            Map.entry(Setting.HOLD_OUT, "--hold-out"),
            Map.entry(Setting.KL_WEIGHTS, "--kl-weights"),
            Map.entry(Setting.BATCH_SIZE, "--batch-size"),
            Map.entry(Setting.BATCH_STATISTICS, "--batch-statistics, --only, --except"),
            Map.entry(Setting.TEACHER, "--no-teacher"),
            Map.entry(Setting.TARGET, "--target"),
            Map.entry(Setting.MAX_ERROR, "--max-error"),
            Map.entry(Setting.FIXED_INPUTS, "--fix NAME=VALUE"));

    private final PrintStream err;
    private final boolean verbose;

    ErrorPrinter(PrintStream err, boolean verbose) {
        this.err = err;
        this.verbose = verbose;
    }

    int wrongCommandLine(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        print(name + ": " + reason(e) + "; see '" + name + " --help'", e);
        return ExitCode.WRONG_INPUT;
    }

    private int outOfMemory(String what, Throwable e) {
        print(
                "espalier: out of memory (" + what
                        + "): take smaller batches (--batch-size), or give Java more if the data set is what does not fit, for example with"
                        + " ESPALIER_JAVA_OPTS='-Xmx8g -XX:MaxDirectMemorySize=8g'",
                e);
        return ExitCode.FAILED;
    }

    /** What Java throws where a program cannot go on. */
    int broken(Error e) {
        if (e instanceof LinkageError l) {
            return noLibrary(l);
        }
        Optional<String> shortage = MemoryShortage.of(e);
        if (shortage.isPresent()) {
            return outOfMemory(shortage.get(), e);
        }
        if (e instanceof StackOverflowError) {
            print(
                    "espalier: nested too deeply for Java's stack; give it more, for example with"
                            + " ESPALIER_JAVA_OPTS=-Xss64m",
                    e);
        } else {
            print("espalier: " + unexpected(e), e);
        }
        return ExitCode.FAILED;
    }

    /** ONNX Runtime and libtorch unpack their libraries when they are first used. */
    private int noLibrary(LinkageError e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String what = cause instanceof IOException io ? IoProblem.of(io) : String.valueOf(cause.getMessage());
        String advice = what.contains("-gpu") && what.contains("cannot open shared object")
                ? "; this is the build for CUDA, whose libraries must be installed: CUDA 13.1, cuDNN 9.19 and NCCL;"
                        + " build without ESPALIER_PROFILE=cuda (-Pcuda) for the CPU"
                : "; it lies in " + NativeLibraries.folder()
                        + ", from where programs must be allowed to run, needs glibc on Linux, and writes into the temporary folder "
                        + System.getProperty("java.io.tmpdir")
                        + " (another with ESPALIER_JAVA_OPTS=-Djava.io.tmpdir=DIR)";
        print("espalier: a native library cannot be loaded (" + what + ")" + advice, e);
        return ExitCode.FAILED;
    }

    private static String reason(ParameterException e) {
        String word = unknownWord(e);
        if (word != null) {
            return word;
        }
        if (!(e instanceof UnmatchedArgumentException u) || u.getUnmatched().isEmpty()) {
            return decapitalized(plain(String.valueOf(e.getMessage())));
        }
        String found = u.getUnmatched().get(0);
        boolean atRoot = e.getCommandLine().getParent() == null;
        String kind = found.startsWith("-") ? "option" : atRoot ? "command" : "argument";
        List<String> near = u.getSuggestions();
        return kind + " '" + found + "' is unknown" + (near.isEmpty() ? "" : ", did you mean '" + near.get(0) + "'?");
    }

    /** What to say of a word that is none of an option's words; null where something else is wrong. */
    private static @Nullable String unknownWord(ParameterException e) {
        ArgSpec option = e.getArgSpec();
        String found = e.getValue();
        if (option == null || found == null) {
            return null;
        }
        Class<?>[] types = option.auxiliaryTypes();
        Class<?> type = types == null || types.length == 0 ? option.type() : types[0];
        if (!type.isEnum()) {
            return null;
        }
        List<String> known = Arrays.stream(type.getEnumConstants())
                .map(c -> Format.lower((Enum<?>) c))
                .toList();
        String name = option instanceof OptionSpec o ? o.longestName() : option.paramLabel();
        return name + " '" + found + "' is unknown, " + Nearest.of(found, known);
    }

    /** Without the names of Java's types. */
    private static String plain(String message) {
        return message.replaceFirst(" is not an int$", " is not a whole number of 32 bits")
                .replaceFirst(" is not a long$", " is not a whole number of 64 bits")
                .replaceFirst(" is not a (?:double|float)$", " is not a number");
    }

    private static String decapitalized(String text) {
        return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }

    /** Graphs come from files or are built in; the ones that the program writes fail as {@link JobException}. */
    int failed(Exception e) {
        Optional<String> shortage = MemoryShortage.of(e);
        if (shortage.isPresent()) {
            return outOfMemory(shortage.get(), e);
        }
        boolean wrongInput = e instanceof InputException
                || e instanceof PlatformException
                || e instanceof DataException
                || e instanceof GraphException
                || (e instanceof InferenceException i && i.isModelRefused());
        print("espalier: " + message(e), e);
        if (e instanceof SignalException stopped) {
            return stopped.exitCode();
        }
        return wrongInput ? ExitCode.WRONG_INPUT : ExitCode.FAILED;
    }

    private static String message(Exception e) {
        boolean forPeople = e instanceof InputException
                || e instanceof JobException
                || e instanceof SignalException
                || e instanceof StoppedException
                || e instanceof PlatformException
                || e instanceof DataException
                || e instanceof GraphException
                || e instanceof TrainingException
                || e instanceof InferenceException;
        if (forPeople && e.getMessage() != null) {
            return e instanceof InputException i
                    ? e.getMessage()
                            + i.setting().map(s -> " (" + OPTIONS.get(s) + ")").orElse("")
                    : e.getMessage();
        }
        if (e instanceof IOException || e instanceof UncheckedIOException) {
            return "input or output failed: " + e.getMessage();
        }
        return NativeFailure.of(e).map(line -> "libtorch cannot go on: " + line).orElseGet(() -> unexpected(e));
    }

    private static String unexpected(Throwable e) {
        String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return what + " (unexpected " + e.getClass().getSimpleName() + "; --verbose shows where)";
    }

    private void print(String message, Throwable e) {
        err.println(SafeText.line(message.strip().replaceAll("\\s*\\R\\s*", "; "), LONGEST));
        if (verbose) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            err.print(SafeText.lines(trace.toString()));
        }
    }
}
