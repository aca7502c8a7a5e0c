package hearth.agent

import java.lang.reflect.UndeclaredThrowableException
import java.security.PrivilegedExceptionAction

import org.apache.hadoop.security.UserGroupInformation

/** Runs work as another user of Hadoop, if there is one. */
object Proxied {

  def apply[T](user: String)(work: => T): T =
    if (user.isEmpty) work
    else {
      val proxy = UserGroupInformation.createProxyUser(user, UserGroupInformation.getLoginUser)
      try proxy.doAs(new PrivilegedExceptionAction[T] { override def run(): T = work })
      catch { case e: UndeclaredThrowableException => throw e.getCause }
    }
}
