package hearth.agent

import java.io.{PrintWriter, StringWriter}

import com.fasterxml.jackson.databind.node.ObjectNode

/** A failure in the form in which the client gets it. */
final case class Failure(message: String, errorClass: String, stack: String) {
  def writeTo(header: ObjectNode): ObjectNode =
    header.put("message", message).put("errorClass", errorClass).put("stack", stack)
}

object Failure {

  /** How many characters of a message or a stack are sent; a header has to have room for both. */
  val MaxText: Int = 64 * 1024

  def of(error: Throwable): Failure = of(error, None)

  /** @param advice what the user can do about it; it stands before the message */
  def of(error: Throwable, advice: => Option[String]): Failure =
    try {
      val text = new StringWriter
      error.printStackTrace(new PrintWriter(text, true))
      val message = Option(error.getMessage).getOrElse(error.toString)
      Failure(cut(advice.fold(message)(_ + ". " + message)), error.getClass.getName, cut(text.toString))
    } catch {
      // The exception is the job's own class: its getMessage may fail, and in a full heap anything may.
      case _: Throwable => Failure("", error.getClass.getName, error.getClass.getName)
    }

  private def cut(text: String): String =
    if (text.length <= MaxText) text else text.substring(0, MaxText) + "…"
}
