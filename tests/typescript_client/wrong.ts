// Three mistakes that the compiler must find.
import createClient from "openapi-fetch";
import type { paths } from "./sms";

const sms = createClient<paths>({ baseUrl: "https://chat.example.com" });
const params = { path: { assistant_id: "ast_support", session_id: "1" } };

export const wrongWord = sms.POST("/api/sms/sessions/{assistant_id}/{session_id}/consent", {
  params,
  body: { action: "erase", evidence: "because" },
});
export const wrongPath = sms.GET("/api/sms/sessions/{assistant_id}/{session_id}/erase", { params });
export async function wrongField(): Promise<string | undefined> {
  const { data } = await sms.GET("/api/sms/sessions/{assistant_id}/{session_id}", { params });
  return data?.phone_number;
}
