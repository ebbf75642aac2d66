package org.espalier.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Loads the classes that most commands need. The launcher runs it once to fill the JVM's class archive. */
final class ClassArchive {
    private ClassArchive() {}

    /** Runs quick commands without native code and throws their output away. */
    public static void main(String[] args) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        EspalierCommand.run(new String[] {"--help"}, nowhere, nowhere);
        EspalierCommand.run(new String[] {"inspect", "--help"}, nowhere, nowhere);
        EspalierCommand.run(new String[] {"inspect", "lenet5"}, nowhere, nowhere);
        EspalierCommand.run(new String[] {"inspect", "lenet5", "--json"}, nowhere, nowhere);
        EspalierCommand.run(new String[] {"unknown"}, nowhere, nowhere);
    }
}
